// The SPDX list keeps these for old manifests; the current id says the same.
const RENAMED: ReadonlyMap<string, string> = new Map([
  ['BSD-2-Clause-FreeBSD', 'BSD-2-Clause-Views'],
  ['BSD-2-Clause-NetBSD', 'BSD-2-Clause'],
  ['GFDL-1.1', 'GFDL-1.1-only'],
  ['GFDL-1.2', 'GFDL-1.2-only'],
  ['GFDL-1.3', 'GFDL-1.3-only'],
  ['StandardML-NJ', 'SMLNJ'],
  ['bzip2-1.0.5', 'bzip2-1.0.6'],
  ['wxWindows', 'LGPL-2.0-or-later'],
  ['eCos-2.0', 'GPL-2.0-or-later'],
  ['Nunit', 'zlib-acknowledgement'],
])
const BARE_GNU = /^(?:A|L)?GPL-\d\.\d$/
const EXCEPTION = /^(GPL-\d\.\d)-with-[\w-]+-exception$/i

/** The id that the SPDX list has today for a deprecated one; any other is returned as it is. */
export function currentId(id: string): string {
  const exception = EXCEPTION.exec(id)
  if (exception) return `${exception[1]}-only`
  if (BARE_GNU.test(id)) return `${id}-only`
  if (id.endsWith('+')) return `${id.slice(0, -1)}-or-later`
  return RENAMED.get(id) ?? id
}

/** What ids have in common that the licence text does not tell apart: `GPL-2.0` for only, or-later and deprecated forms. */
export function textId(id: string): string {
  return currentId(id).replace(/-(?:invariants-|no-invariants-)?(?:only|or-later)$/, '')
}
