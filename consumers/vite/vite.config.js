import { defineConfig } from "vite";

export default defineConfig({
	logLevel: "warn",
	build: {
		outDir: "dist",
		minify: true,
		modulePreload: false,
		rolldownOptions: { input: ["index.html", "threads.html", "bundled.html"] },
	},
});
