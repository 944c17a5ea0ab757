import { testRule } from "../support/rule-tester.ts";

testRule("no-sequential-await", {
	valid: [
		{
			name: "accepts a second wait that needs the first",
			code: `export async function posts(name: string) {
  const user = await findUser(name);
  const posts = await findPosts(user.id);
  return posts;
}
declare function findUser(name: string): Promise<{ id: number }>;
declare function findPosts(id: number): Promise<string[]>;`,
		},
		{
			name: "accepts waits that do something",
			code: `export async function add(store: Store) {
  const a = await store.insertUser("a");
  const b = await store.insertUser("b");
  return [a, b];
}
declare class Store {
  insertUser(name: string): Promise<number>;
}`,
		},
		{
			name: "accepts an early exit in between",
			code: `export async function load(id: string) {
  const user = await getUser(id);
  if (!user) return undefined;
  const posts = await getPosts(id);
  return { user, posts };
}
declare function getUser(id: string): Promise<unknown>;
declare function getPosts(id: string): Promise<unknown>;`,
		},
		{
			name: "accepts an order that a comment explains",
			code: `export async function load(ids: string[]) {
  const users = [];
  // one at a time: the service allows no more
  for (const id of ids) {
    users.push(await getUser(id));
  }
  return users;
}
declare function getUser(id: string): Promise<unknown>;`,
		},
		{
			name: "accepts a step in between that does something",
			code: `export async function load(id: string) {
  const before = await getCount(id);
  const saved = await saveUser(id);
  const after = await getCount(id);
  return { before, saved, after };
}
declare function getCount(id: string): Promise<number>;
declare function saveUser(id: string): Promise<number>;`,
		},
	],
	invalid: [
		{
			name: "joins two promises",
			code: `export async function load(id: string) {
  const user = await getUser(id);
  const posts = await getPosts(id);
  return { user, posts };
}
declare function getUser(id: string): Promise<unknown>;
declare function getPosts(id: string): Promise<unknown>;`,
			output: null,
			errors: [
				{
					messageId: "sequential",
					line: 3,
					suggestions: [
						{
							messageId: "together",
							output: `export async function load(id: string) {
  const [user, posts] = await Promise.all([getUser(id), getPosts(id)]);
  return { user, posts };
}
declare function getUser(id: string): Promise<unknown>;
declare function getPosts(id: string): Promise<unknown>;`,
						},
					],
				},
			],
		},
		{
			name: "joins two futures",
			code: `import { asyncFn, sleep } from "yamanote";
const foo = asyncFn(function* () {
  yield* sleep(100);
  return 1;
});
const bar = asyncFn(function* () {
  yield* sleep(100);
  return 2;
});
export const sum = asyncFn(function* () {
  const a = yield* foo();
  const b = yield* bar();
  return a + b;
});`,
			output: null,
			errors: [
				{
					messageId: "sequential",
					line: 12,
					suggestions: [
						{
							messageId: "together",
							output: `import { asyncFn, sleep, tryJoin } from "yamanote";
const foo = asyncFn(function* () {
  yield* sleep(100);
  return 1;
});
const bar = asyncFn(function* () {
  yield* sleep(100);
  return 2;
});
export const sum = asyncFn(function* () {
  const [a, b] = yield* tryJoin([foo(), bar()]);
  return a + b;
});`,
						},
					],
				},
			],
		},
		{
			name: "sees a loop of independent rounds",
			code: `export async function load(ids: string[]) {
  const users = [];
  for (const id of ids) users.push(await getUser(id));
  return users;
}
declare function getUser(id: string): Promise<unknown>;`,
			output: null,
			errors: [{ messageId: "loop", line: 3 }],
		},
		{
			name: "sees waits inside one expression",
			code: `export async function load(id: string) {
  return { user: await getUser(id), posts: await getPosts(id) };
}
declare function getUser(id: string): Promise<unknown>;
declare function getPosts(id: string): Promise<unknown>;`,
			output: null,
			errors: [{ messageId: "inExpression", line: 2 }],
		},
	],
});
