import { choosePlatform } from "./platform.js";
import { nodePlatform } from "./platform-node.js";

choosePlatform(nodePlatform);

export * from "./index.js";
