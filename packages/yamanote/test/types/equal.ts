// What the type tests say. Both compile only if the two types are one type, neither wider nor narrower; else the
// compiler shows both.
//
//     equal<Out<typeof future>, string>(true);
//     typeOf(future).is<Future<string, never>>(true);

type Same<A, B> =
	(<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : { actual: A; expected: B };

export function equal<Actual, Expected>(_: Same<Actual, Expected>): void {}

export function typeOf<Actual>(_value: Actual): { is<Expected>(_: Same<Actual, Expected>): void } {
	return { is: () => {} };
}
