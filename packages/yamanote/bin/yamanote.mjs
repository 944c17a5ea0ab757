#!/usr/bin/env node
// The command `yamanote`. Each of its verbs is loaded when it is asked for.
const verbs = {
	doctor: async (args) => (await import("../dist/doctor/doctor.mjs")).doctor(args),
};

const HELP = `Usage: yamanote <verb> …

  doctor   looks for the pitfalls of async code: in the sources, and in a running program

yamanote doctor --help tells the rest.
`;

const [verb, ...args] = process.argv.slice(2);
if (verb === undefined || verb === "--help" || verb === "-h") {
	(verb === undefined ? process.stderr : process.stdout).write(HELP);
	process.exitCode = verb === undefined ? 2 : 0;
} else if (Object.hasOwn(verbs, verb)) {
	await verbs[verb](args);
} else {
	process.stderr.write(`yamanote: there is no verb ${verb}\n\n${HELP}`);
	process.exitCode = 2;
}
