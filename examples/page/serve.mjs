// `node examples/page/serve.mjs`: builds the page, and serves it with the headers that let threads share memory. With `--build` it only builds.
import { copyFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = fileURLToPath(new URL(".", import.meta.url));
const dist = join(here, "dist");
// The worker is an entry of its own, beside the page's.
await build({
	entryPoints: [join(here, "main.ts"), join(here, "primes.worker.ts")],
	outdir: dist,
	bundle: true,
	splitting: true,
	format: "esm",
	logLevel: "warning",
	tsconfigRaw: {},
});
copyFileSync(join(here, "index.html"), join(dist, "index.html"));

const types = { ".html": "text/html", ".js": "text/javascript" };
const server = createServer(async (request, response) => {
	const path = request.url === "/" ? "/index.html" : (request.url ?? "");
	const type = types[path.slice(path.lastIndexOf("."))];
	const body = type === undefined || path.includes("..") ? null : await readFile(join(dist, path)).catch(() => null);
	response.setHeader("Cross-Origin-Opener-Policy", "same-origin");
	response.setHeader("Cross-Origin-Embedder-Policy", "require-corp");
	if (body === null) response.writeHead(404).end();
	else response.writeHead(200, { "Content-Type": type }).end(body);
});
if (!process.argv.includes("--build")) server.listen(8080, "127.0.0.1", () => console.log("http://127.0.0.1:8080/"));
