#!/usr/bin/env node
// Plain JavaScript that an old Node can read.
var parts = process.versions.node.split('.').map(Number)
if (parts[0] > 23 || (parts[0] === 23 && parts[1] >= 6) || (parts[0] === 22 && parts[1] >= 18)) {
  import('./create.js').then((module) => module.main(process.argv.slice(2)))
} else {
  console.error('antiphon needs Node 22.18 or newer, and this is ' + process.versions.node + '. Install a newer one.')
  process.exitCode = 2
}
