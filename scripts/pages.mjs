// Test pages in Chromium: serves a folder on loopback, opens one page for each test file.
import { createReadStream, existsSync } from "node:fs";
import { createServer } from "node:http";
import { join, normalize } from "node:path";
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

function serve(dir) {
	const server = createServer((request, response) => {
		const path = normalize(new URL(request.url ?? "/", "http://x").pathname);
		const file = join(dir, path);
		if (path === "/isolated") response.writeHead(200, { ...isolation, "Content-Type": "text/html" }).end(html);
		else if (path === "/plain") response.writeHead(200, { "Content-Type": "text/html" }).end(html);
		else if (!path.endsWith(".mjs") || !existsSync(file)) response.writeHead(404, isolation).end();
		else {
			response.writeHead(200, { ...isolation, "Content-Type": "text/javascript" });
			createReadStream(file).pipe(response);
		}
	});
	return new Promise((resolve) => {
		server.listen(0, "127.0.0.1", () => resolve({ server, origin: `http://127.0.0.1:${server.address().port}` }));
	});
}

/** Opens the browser; `run(file, kind, ms)` gives the results of one bundled test file, in an isolated or a plain page. */
export async function openPages(binary, dir) {
	const library = join(root, "engines/chromium/node_modules/playwright-core/index.mjs");
	const { chromium } = await import(pathToFileURL(library).href);
	const { server, origin } = await serve(dir);
	const browser = await chromium.launch({ executablePath: binary, args: flags, chromiumSandbox: false });
	return {
		async run(file, kind, ms) {
			const context = await browser.newContext();
			const page = await context.newPage();
			let timer;
			try {
				const late = new Promise((_, reject) => {
					timer = setTimeout(() => reject(new Error(`no result after ${ms / 1000} s`)), ms);
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
