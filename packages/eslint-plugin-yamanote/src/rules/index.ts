/** All rules, by the name under which a configuration turns them on. */
import type { RuleModule } from "../ast/eslint.ts";
import { noAwaitBareGenerator } from "./no-await-bare-generator.ts";
import { noBlockingInAsync } from "./no-blocking-in-async.ts";
import { noCancelUnsafeInSelect } from "./no-cancel-unsafe-in-select.ts";
import { noDetachedSpawn } from "./no-detached-spawn.ts";
import { noEagerPromise } from "./no-eager-promise.ts";
import { noFutureThroughPromise } from "./no-future-through-promise.ts";
import { noGuardAcrossSuspension } from "./no-guard-across-suspension.ts";
import { noNotSend } from "./no-not-send.ts";
import { noSequentialAwait } from "./no-sequential-await.ts";
import { noSuspendingFinallyInPlainGenerator } from "./no-suspending-finally-in-plain-generator.ts";
import { noSwallowedCancel } from "./no-swallowed-cancel.ts";
import { noUnboundedChannel } from "./no-unbounded-channel.ts";
import { noUnpolledFuture } from "./no-unpolled-future.ts";
import { noYieldWithoutStar } from "./no-yield-without-star.ts";
import { preferUsing } from "./prefer-using.ts";
import { requireSignal } from "./require-signal.ts";
import { returnYieldFail } from "./return-yield-fail.ts";

export const rules: Readonly<Record<string, RuleModule>> = {
	"no-await-bare-generator": noAwaitBareGenerator,
	"no-blocking-in-async": noBlockingInAsync,
	"no-cancel-unsafe-in-select": noCancelUnsafeInSelect,
	"no-detached-spawn": noDetachedSpawn,
	"no-eager-promise": noEagerPromise,
	"no-future-through-promise": noFutureThroughPromise,
	"no-guard-across-suspension": noGuardAcrossSuspension,
	"no-not-send": noNotSend,
	"no-sequential-await": noSequentialAwait,
	"no-suspending-finally-in-plain-generator": noSuspendingFinallyInPlainGenerator,
	"no-swallowed-cancel": noSwallowedCancel,
	"no-unbounded-channel": noUnboundedChannel,
	"no-unpolled-future": noUnpolledFuture,
	"no-yield-without-star": noYieldWithoutStar,
	"prefer-using": preferUsing,
	"require-signal": requireSignal,
	"return-yield-fail": returnYieldFail,
};
