export interface Point {
	readonly x: number;
	readonly y: number;
}

export const scale = ({ x, y }: Point, by: number): Point => ({ x: x * by, y: y * by });
