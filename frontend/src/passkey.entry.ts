import { start } from "./passkey";

start();
