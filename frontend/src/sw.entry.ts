import { Worker, type Surroundings } from "./offline/worker";

new Worker(globalThis as unknown as Surroundings).start();
