/**
 * The bytes of a message. Each value begins with a tag; lengths and indexes are varints; numbers are little-endian.
 *
 * A tag of 128 and more is a whole number from 0 to 127 itself. Objects are numbered in the order in which they begin, so that REF can
 * name one again; keys of plain objects are numbered as well. What bytes cannot carry (shared memory, ports, large buffers) travels beside
 * them in a list of extras.
 */
export const UNDEFINED = 0;
export const NULL = 1;
export const TRUE = 2;
export const FALSE = 3;
export const INT = 4;
export const FLOAT = 5;
export const BIGINT = 6;
export const LATIN1 = 7;
export const UTF16 = 8;
/** So many holes of an array. */
export const HOLES = 9;
export const REF = 10;
export const EXTRA = 11;
export const OBJECT = 12;
export const BARE = 13;
export const ARRAY = 14;
export const ARRAY_AND_FIELDS = 15;
export const DATE = 16;
export const REGEXP = 17;
export const MAP = 18;
export const SET = 19;
export const BUFFER = 20;
export const VIEW = 21;
export const WINDOW = 22;
export const BOXED = 23;
export const URL_ = 24;
export const URL_PARAMS = 25;
export const ERROR = 26;
export const CLASS = 27;
export const LOCKED = 28;
export const TEMPORAL = 29;
/** A text among the extras. */
export const LONG_TEXT = 30;

/** An end of a channel, or a token, by its link: among the extras. */
export const LINK = 31;

/** Degrees of {@link LOCKED}. */
export const NOT_EXTENSIBLE = 1;
export const SEALED = 2;
export const FROZEN = 3;

/** The kinds of views, by their place here. */
export const views: readonly string[] = [
	"Int8Array",
	"Uint8Array",
	"Uint8ClampedArray",
	"Int16Array",
	"Uint16Array",
	"Int32Array",
	"Uint32Array",
	"Float32Array",
	"Float64Array",
	"BigInt64Array",
	"BigUint64Array",
	"DataView",
	"Buffer",
	"Float16Array",
];
/** Error classes of the language, by their place here. */
export const errors: readonly string[] = [
	"Error",
	"TypeError",
	"RangeError",
	"SyntaxError",
	"ReferenceError",
	"EvalError",
	"URIError",
	"AggregateError",
	"SuppressedError",
	"DOMException",
];
