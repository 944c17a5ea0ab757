// The same in a project whose tests are CommonJS.
const { Instant, sleep } = require("yamanote");
const { paused } = require("yamanote/testing");

test(
	"an hour passes at once, and exactly",
	paused(function* () {
		const start = Instant.now();
		yield* sleep({ hours: 1 });
		expect(start.elapsed()).toBe(3_600_000);
	}),
);
