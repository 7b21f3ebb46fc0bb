import { Room } from "./live-room/room";

void new Room().start();
