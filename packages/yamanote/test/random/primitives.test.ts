// Random actors around each primitive, which give waits up and are aborted at random: nothing is lost, doubled or overtaken, nobody waits for ever.
import { describe, it } from "vitest";
import { Random } from "../sync/support.ts";
import { cast, play, type Role, type Stage, showActors } from "./actors.ts";
import { eachSeed, LONG } from "./seeds.ts";
import { broadcastStage } from "./stage-broadcast.ts";
import { channelStage } from "./stage-channel.ts";
import { lockStage } from "./stage-lock.ts";
import { oneshotStage } from "./stage-oneshot.ts";
import { watchStage } from "./stage-watch.ts";

const stages: Readonly<
	Record<string, (random: Random) => { readonly what: string; readonly roles: readonly Role[]; readonly stage: Stage }>
> = {
	"mpsc and mpmc lose no message and no slot, and overtake none": channelStage,
	"Mutex, RwLock and Semaphore let in whom they may, in their order, and are free afterwards": lockStage,
	"broadcast gives every receiver every message, or says how many it has missed": broadcastStage,
	"watch never misses the last value": watchStage,
	"oneshot delivers its message, hands it back or says that nobody comes": oneshotStage,
};

async function tryOne(make: (typeof stages)[string], seed: number): Promise<string> {
	const random = new Random(seed);
	const { what, roles, stage } = make(random);
	const actors = cast(random, roles);
	const wrong = await play(actors, stage);
	return wrong.length === 0 ? "" : [...wrong, `in ${what}`, showActors(actors)].join("\n");
}

describe("random actors around a primitive", () => {
	for (const [title, make] of Object.entries(stages))
		it(title, async () => eachSeed(150, (seed) => tryOne(make, seed)), LONG);
});
