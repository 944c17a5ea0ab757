// What the tests know as "vitest", for engines that cannot run vitest itself (Bun, Deno, a browser): the same
// describe/it/hooks and the same expect, from vitest's own engine-neutral parts. There is no `vi` here.
import {
	ASYMMETRIC_MATCHERS_OBJECT,
	addCustomEqualityTesters,
	customMatchers,
	GLOBAL_EXPECT,
	getState,
	JestAsymmetricMatchers,
	JestChaiExpect,
	JestExtend,
	setState,
} from "@vitest/expect";
import { getCurrentTest } from "@vitest/runner";
import * as chai from "chai";

export {
	afterAll,
	afterEach,
	beforeAll,
	beforeEach,
	describe,
	it,
	onTestFailed,
	onTestFinished,
	suite,
	test,
} from "@vitest/runner";

chai.use(JestExtend);
chai.use(JestChaiExpect);
chai.use(JestAsymmetricMatchers);

export const expect = (value, message) => {
	setState({ assertionCalls: getState(expect).assertionCalls + 1 }, expect);
	const assertion = chai.expect(value, message);
	const test = getCurrentTest();
	return test === undefined ? assertion : assertion.withTest(test);
};
Object.assign(expect, chai.expect, globalThis[ASYMMETRIC_MATCHERS_OBJECT]);
expect.getState = () => getState(expect);
expect.setState = (state) => setState(state, expect);
expect.extend = (matchers) => chai.expect.extend(expect, matchers);
expect.addEqualityTesters = (testers) => addCustomEqualityTesters(testers);
expect.soft = (...args) => expect(...args).withContext({ soft: true });
expect.assert = chai.assert;
expect.unreachable = (message) => {
	chai.assert.fail(`expected${message ? ` "${message}" ` : " "}not to be reached`);
};
expect.assertions = (expected) => {
	expect.setState({ expectedAssertionsNumber: expected });
};
expect.hasAssertions = () => {
	expect.setState({ isExpectingAssertions: true });
};
expect.extend(customMatchers);
globalThis[GLOBAL_EXPECT] = expect;

/** Called by the harness before each try of a test. */
export function resetExpect(test) {
	setState(
		{
			assertionCalls: 0,
			isExpectingAssertions: false,
			expectedAssertionsNumber: null,
			currentTestName: test.fullTestName ?? test.name,
		},
		expect,
	);
}

/** Called by the harness after each try of a test: were as many assertions made as it announced? */
export function checkExpect() {
	const { assertionCalls, expectedAssertionsNumber, isExpectingAssertions } = getState(expect);
	if (expectedAssertionsNumber !== null && assertionCalls !== expectedAssertionsNumber) {
		throw new Error(`expected number of assertions to be ${expectedAssertionsNumber}, but got ${assertionCalls}`);
	}
	if (isExpectingAssertions && assertionCalls === 0) throw new Error("expected any number of assertions, but got none");
}
