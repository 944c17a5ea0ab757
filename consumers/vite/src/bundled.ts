import { bundled } from "./bundled.worker.ts";
import { show } from "./show.ts";

// A second copy of this program would count as well.
const copies = new BroadcastChannel("copies");
let others = 0;
copies.onmessage = () => others++;
copies.postMessage("one more");

async function program(): Promise<string> {
	let code = "it was called";
	try {
		await bundled.f();
	} catch (error) {
		code = (error as { code: string }).code;
	}
	// Time enough for a worker to start.
	await new Promise((resolve) => setTimeout(resolve, 500));
	return `${code}, ${others} other copies`;
}

show(program());
