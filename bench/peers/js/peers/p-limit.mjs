import pLimit from "p-limit";
import { semaphoreContended } from "../../lib/limiter.mjs";

export const workloads = { semaphore_contended: semaphoreContended((permits) => pLimit(permits)) };
