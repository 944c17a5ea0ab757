const { pathToFileURL } = require("node:url");
const { defineWorker } = require("yamanote/threads");

exports.sums = defineWorker(pathToFileURL(__filename).href, { below: (n) => (n * (n - 1)) / 2 });
