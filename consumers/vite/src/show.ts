/** Tells those who look at the page, and the test. */
export function show(text: Promise<string>): void {
	const tell = (what: string): void => {
		(globalThis as { result?: string }).result = what;
		const place = document.getElementById("result");
		if (place !== null) place.textContent = what;
	};
	text.then(tell, (error) => tell(`failed: ${error}`));
}
