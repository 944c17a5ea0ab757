// A project whose tests are CommonJS: yamanote is transformed as the tests are (transformIgnorePatterns).
const { run, sleep, timeout, tryJoin } = require("yamanote");

test("required, it runs as well", async () => {
	const both = tryJoin([
		function* () {
			yield* sleep(1);
			return "a";
		},
		async () => "b",
	]);
	await expect(run(timeout(10_000, both))).resolves.toEqual(["a", "b"]);
});
