// Plain JavaScript that an old Node can read.

/** Why this Node cannot run antiphon, and the remedy; undefined for a Node that can. */
export function whyTooOld(version = process.versions.node) {
  const [major, minor] = version.split('.').map(Number)
  if (major > 23 || (major === 23 && minor >= 6) || (major === 22 && minor >= 18)) return undefined
  return `antiphon needs Node 22.18 or newer, and this is ${version}. Install a newer one: npm i node@24.`
}

/** Why antiphon cannot run under Yarn Plug'n'Play, and the remedy; undefined elsewhere. */
export function whyNoPnp(pnp = process.versions.pnp) {
  if (pnp === undefined) return undefined
  const remedy = 'Set "nodeLinker: node-modules" in .yarnrc.yml, and run "yarn install".'
  return `antiphon cannot run under Yarn Plug'n'Play, which cannot flush files to the disk. ${remedy}`
}
