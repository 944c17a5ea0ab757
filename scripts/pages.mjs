// Test pages in Chromium: serves a folder on loopback, opens one page for each test file.
import { createReadStream, existsSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { pathToFileURL } from "node:url";
import { root } from "./exports.mjs";

const flags = [
	"--headless",
	"--no-sandbox",
	"--disable-gpu",
	"--disable-quic",
	"--no-first-run",
	"--disable-background-networking",
	"--disable-component-update",
	"--disable-sync",
];

// On an isolated page there is SharedArrayBuffer.
const isolation = { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" };

const html = '<!doctype html><meta charset="utf-8"><title>tests</title><script type="module" src="/main.mjs"></script>';

const types = { ".html": "text/html", ".js": "text/javascript", ".mjs": "text/javascript" };

/** Serves a folder; `/isolated` and `/plain` are the pages in which tests run. */
function serve(dir) {
	const server = createServer((request, response) => {
		const path = normalize(new URL(request.url ?? "/", "http://x").pathname);
		const file = join(dir, path);
		const type = types[extname(path)];
		if (path === "/isolated") response.writeHead(200, { ...isolation, "Content-Type": "text/html" }).end(html);
		else if (path === "/plain") response.writeHead(200, { "Content-Type": "text/html" }).end(html);
		else if (type === undefined || !existsSync(file)) response.writeHead(404, isolation).end();
		else {
			response.writeHead(200, { ...isolation, "Content-Type": type });
			createReadStream(file).pipe(response);
		}
	});
	return new Promise((resolve) => {
		server.listen(0, "127.0.0.1", () => resolve({ server, origin: `http://127.0.0.1:${server.address().port}` }));
	});
}

async function launch(binary) {
	const library = join(root, "engines/chromium/node_modules/playwright-core/index.mjs");
	const { chromium } = await import(pathToFileURL(library).href);
	return chromium.launch({ executablePath: binary, args: flags, chromiumSandbox: false });
}

/** Opens pages of a folder (or of elsewhere, by their URLs) one by one; gives what each has set as `globalThis.result`. */
export async function visit(binary, dir, paths) {
	const { server, origin } = await serve(dir);
	const browser = await launch(binary);
	const results = [];
	try {
		for (const path of paths) {
			const page = await browser.newPage();
			const problems = [];
			page.on("pageerror", (error) => problems.push(error.message));
			await page.goto(new URL(path, `${origin}/`).href);
			await page
				.waitForFunction(() => typeof globalThis.result === "string", undefined, { timeout: 60_000 })
				.catch(() => problems.push("it never had a result"));
			results.push(problems.length > 0 ? problems.join("; ") : await page.evaluate(() => globalThis.result));
			await page.close();
		}
	} finally {
		await browser.close();
		server.close();
		server.closeAllConnections();
	}
	return results;
}

/** Opens the browser; `run(file, kind, ms)` gives the results of one bundled test file, in an isolated or a plain page. */
export async function openPages(binary, dir) {
	const { server, origin } = await serve(dir);
	const browser = await launch(binary);
	return {
		async run(file, kind, ms) {
			const context = await browser.newContext();
			const page = await context.newPage();
			let timer;
			try {
				const late = new Promise((_, reject) => {
					timer = setTimeout(async () => {
						const silent = new Promise((resolve) => setTimeout(resolve, 2_000, "the page does not answer"));
						const at = await Promise.race([page.evaluate(() => globalThis.running), silent]).catch(String);
						reject(new Error(`no result after ${ms / 1000} s: in "${at}"`));
					}, ms);
				});
				const problems = [];
				page.on("pageerror", (error) => problems.push(error.message));
				const results = (async () => {
					await page.goto(`${origin}/${kind}`);
					await page
						.waitForFunction(() => "runInPage" in globalThis, undefined, { timeout: 20_000 })
						.catch(() => {
							throw new Error(`the page does not load: ${problems.join("; ")}`);
						});
					return page.evaluate((path) => globalThis.runInPage(path, "/setup.mjs"), `/${file}`);
				})();
				return await Promise.race([results, late]);
			} finally {
				clearTimeout(timer);
				await context.close();
			}
		},
		async close() {
			await browser.close();
			server.close();
			server.closeAllConnections();
		},
	};
}
