/**
 * What names say about what a call does. English verbs at the front of a name are a convention that JavaScript
 * keeps well; a name that says nothing is "unknown".
 */

export type Effect = "reads" | "acts" | "unknown";

/** First words of names of functions that read. */
const READING = new Set([
	"get",
	"fetch",
	"load",
	"find",
	"read",
	"list",
	"lookup",
	"search",
	"count",
	"retrieve",
	"query",
	"compute",
	"calculate",
	"calc",
	"sum",
	"estimate",
	"exists",
	"stat",
	"lstat",
	"readdir",
	"readlink",
	"realpath",
	"describe",
	"scan",
	"quote",
	"foo",
	"bar",
	"baz",
]);

/** Words anywhere in a name that say that something is done, taken, or awaited in turn. */
const ACTING = new Set([
	"save",
	"store",
	"insert",
	"update",
	"upsert",
	"delete",
	"remove",
	"create",
	"write",
	"put",
	"post",
	"patch",
	"set",
	"add",
	"push",
	"send",
	"emit",
	"publish",
	"commit",
	"begin",
	"start",
	"stop",
	"open",
	"close",
	"connect",
	"disconnect",
	"login",
	"logout",
	"auth",
	"authenticate",
	"authorize",
	"lock",
	"unlock",
	"acquire",
	"release",
	"reset",
	// Asking for the session is the gate that what follows stands behind.
	"session",
	"clear",
	"flush",
	"init",
	"initialize",
	"setup",
	"seed",
	"register",
	"next",
	"pop",
	"shift",
	"take",
	"consume",
	"increment",
	"claim",
	"reserve",
	"allocate",
	"refresh",
	"sync",
	"wait",
	"sleep",
	"delay",
	"migrate",
	"install",
	"run",
	"apply",
	"prompt",
	"ask",
	"input",
	"answer",
	"confirm",
	"transaction",
	"lease",
	"roll",
	"draw",
	"mutate",
	"replace",
	"modify",
	"move",
	"rename",
	"copy",
	"enqueue",
	"dequeue",
	"receive",
	"recv",
	"ensure",
	"require",
	"verify",
	"validate",
	"assert",
	"check",
	"download",
	"upload",
]);

/** Words after `And` or `Or` are judged as well, so `findAndCount` reads and `findOrCreate` acts. */
export function wordsOf(name: string): string[] {
	return name
		.replace(/^[#_$]+/, "")
		.replace(/([a-z\d])([A-Z])/g, "$1 $2")
		.replace(/([A-Z]+)([A-Z][a-z])/g, "$1 $2")
		.toLowerCase()
		.split(/[\s_]+/);
}

/** What is at hand anyway: the translations, the locale and the headers of the request. */
const AMBIENT = /^get(?:Server|Request|Current)?(?:Translat\w*|Locale|Cookies|Headers|Params|I18n|Formatter)$/;

/** `findUniqueOrThrow`, `getCurrentUser`: a gate that all that follows stands behind. */
const GATE =
	/Or(?:Throw|Fail|Die|Exit|Redirect|NotFound)|^get(?:Current|Auth\w*|LoggedIn|Signed?In)(?:User|Account|Member|Viewer|Admin)/;

/** Server actions of React are sent one after another whatever the code says. */
const SERVER_ACTION = /[a-z]Action$/;

const READING_EXACT = /^(?:is|has|can)(?=[A-Z])/;

/** Words that are things as often as deeds: what is read by `getPost` or `findStore`. */
const THINGS = new Set(["post", "store", "commit", "release", "answer"]);

const isThing = (word: string | undefined, at: number, words: readonly string[]): boolean =>
	at > 0 && THINGS.has(word ?? "") && READING.has(words[0] ?? "") && !/^(?:and|or|then)$/.test(words[at - 1] ?? "");

export function effectOfName(name: string): Effect {
	const words = wordsOf(name);
	if (words.some((word, at) => ACTING.has(word) && !isThing(word, at, words))) return "acts";
	if (AMBIENT.test(name) || GATE.test(name) || SERVER_ACTION.test(name)) return "unknown";
	const [first = ""] = words;
	if (READING.has(first)) return "reads";
	return READING_EXACT.test(name) ? "reads" : "unknown";
}

/**
 * Things of which the calls go over one line, one after another: a transaction, a connection, a page of a browser,
 * a reader. Two calls on the same one are not made side by side.
 */
export const SERIAL: RegExp =
	/^#?_?(?:tx|trx|txn|transaction|conn|connection|session|page|browser|driver|reader|cursor|stream|socket|port|device|rl|readline|iterator|iter|it|gen|generator|frame|locator|element|queryRunner|manager|entityManager|em|uow|rx|receiver|queue|walker|parser|scanner|lexer|tokenizer|buffer|fd|fileHandle|terminal|shell|ssh|sftp|ftp|serial|repl|cdp)$|(?:Transaction|Connection|Session|Reader|Cursor|Stream|Socket|Iterator|Runner|Locator|Queue|Handle|Page|Tx|Trx)$/;

export const BROWSER_DRIVER: RegExp =
	/["'](?:@playwright\/test|playwright|playwright-core|puppeteer|puppeteer-core)["']/;
/** Things handed to both calls that both may change, or that carry a transaction. */
export const SHARED_ARGUMENT: RegExp =
	/^(?:tx|trx|txn|transaction|conn|connection|client|session|browser|driver|reader|cursor|stream|socket|queryRunner|manager|em|ctx|context|state|store|env)$|(?:Context|Ctx|Transaction|Connection|Session|Tx|Trx)$/;

/** Helpers that only let time pass. */
export const PAUSES: RegExp = /^(?:sleep|delay|wait|pause|setTimeout|setImmediate|nextTick)(?:For|Ms|Seconds)?$/;

/** Methods that refine what is asked for and say nothing of their own. */
export const NEUTRAL: ReadonlySet<string> = new Set([
	"from",
	"where",
	"andWhere",
	"orWhere",
	"limit",
	"offset",
	"skip",
	"take",
	"order",
	"orderBy",
	"groupBy",
	"having",
	"sort",
	"lean",
	"populate",
	"exec",
	"eq",
	"neq",
	"gt",
	"gte",
	"lt",
	"lte",
	"in",
	"is",
	"not",
	"match",
	"single",
	"maybeSingle",
	"first",
	"all",
	"toArray",
	"collection",
	"doc",
	"innerJoin",
	"leftJoin",
	"join",
	"with",
	"select",
	"json",
	"text",
	"blob",
	"arrayBuffer",
	"bytes",
	"then",
	"catch",
	"unwrap",
	"data",
]);

/** The chained calls that read a body: they depend on the response, and read nothing else. */
export const BODY_METHODS: ReadonlySet<string> = new Set(["json", "text", "blob", "arrayBuffer", "bytes", "formData"]);

// --- calls inside a body ---------------------------------------------------------------------------------------

export const HARMLESS_GLOBALS: ReadonlySet<string> = new Set([
	"Math",
	"JSON",
	"Object",
	"Array",
	"Number",
	"String",
	"Date",
	"performance",
	"Promise",
	"Buffer",
	"path",
	"URL",
	"Intl",
	"Symbol",
]);
export const HARMLESS_FUNCTIONS: ReadonlySet<string> = new Set([
	"String",
	"Number",
	"Boolean",
	"BigInt",
	"parseInt",
	"parseFloat",
	"encodeURIComponent",
	"decodeURIComponent",
	"encodeURI",
	"setTimeout",
	"clearTimeout",
	"structuredClone",
	"isNaN",
]);
export const QUIET_API: ReadonlySet<string> = new Set([
	"sleep",
	"sleepUntil",
	"timeout",
	"yieldNow",
	"fail",
	"ready",
	"fromPromise",
	"tryJoin",
	"join",
	"retry",
	"attempt",
]);
export const MUTATORS: ReadonlySet<string> = new Set([
	"push",
	"pop",
	"shift",
	"unshift",
	"splice",
	"sort",
	"reverse",
	"set",
	"add",
	"delete",
	"clear",
	"append",
	"write",
	"emit",
]);
export const PURE_METHODS: ReadonlySet<string> = new Set([
	"map",
	"filter",
	"slice",
	"concat",
	"join",
	"split",
	"trim",
	"toString",
	"toUpperCase",
	"toLowerCase",
	"replace",
	"replaceAll",
	"padStart",
	"padEnd",
	"includes",
	"indexOf",
	"startsWith",
	"endsWith",
	"flat",
	"flatMap",
	"reduce",
	"some",
	"every",
	"forEach",
	"keys",
	"values",
	"entries",
	"at",
	"toISOString",
	"getTime",
	"toFixed",
	"test",
	"charCodeAt",
	"localeCompare",
]);
