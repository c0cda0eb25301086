import { choosePlatform } from "./platform.js";
import { webPlatform } from "./platform-web.js";

choosePlatform(webPlatform);

export * from "./index.js";
