/**
 * The same facts as the audit's tools, found by other means and with none of their code: one flat listing instead of a walk,
 * licences by phrases that only they have instead of by comparing texts. Run it: node audit-independent.ts FOLDER [AUDIT.JSON]
 */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

/** A package as this script sees it. `licences` null: not sure; `agrees` null: not sure. Sizes in bytes. */
type Witness = {
  readonly path: string
  readonly name: string
  readonly version: string | null
  readonly bytes: number
  readonly files: number
  readonly scripts: readonly string[]
  readonly licences: readonly string[] | null
  readonly agrees: boolean | null
}

/** All packages below a folder by path, and the names installed in several versions. */
export type Testimony = { readonly packages: readonly Witness[]; readonly duplicates: readonly string[] }

/** Finds what the audit finds, on its own. */
export function auditIndependently(folder: string): Testimony {
  const files = listFiles(folder)
  const roots = files
    .filter((file) => basename(file) === 'package.json')
    .map((file) => file.slice(0, -'/package.json'.length))
    .filter((path) => isInstalled(basename(resolve(folder)) === 'node_modules' ? `node_modules/${path}` : path))
    .filter((path) => readName(folder, path) !== null)
  const owned = Map.groupBy(files, (file) => ownerOf(file, new Set(roots)))
  const packages = roots.sort().map((path) => testify(folder, path, owned.get(path) ?? []))
  return { packages, duplicates: inSeveralVersions(packages) }
}

type Seen = {
  readonly path: string
  readonly name: string
  readonly version: string | null
  readonly bytes: number | null
  readonly files: number | null
  readonly verdict: string | null
  readonly scripts: readonly { readonly event: string; readonly command: string }[]
  readonly licences: readonly { readonly file: string; readonly licence: string | null; readonly by: string }[]
}

/** What this file reads of an audit.json. */
export type Audited = { readonly packages: readonly Seen[]; readonly duplicates: readonly { readonly name: string }[] }

/** Where an audit and an independent testimony disagree, one sentence each; empty when they agree. */
export function disagreements(audit: Audited, testimony: Testimony): readonly string[] {
  const seen = new Map(audit.packages.map((row) => [row.path, row]))
  const known = new Set(testimony.packages.map(({ path }) => path))
  return [
    ...audit.packages.filter(({ path }) => !known.has(path)).map(({ path }) => `${path}: only in the audit`),
    ...differ('duplicates', audit.duplicates.map(({ name }) => name).sort(), testimony.duplicates),
    ...testimony.packages.flatMap((witness) => {
      const row = seen.get(witness.path)
      return row === undefined ? [`${witness.path}: not in the audit`] : compareOne(row, witness)
    }),
  ]
}

function compareOne(row: Seen, witness: Witness): readonly string[] {
  const scripts = row.scripts.map(({ event, command }) => `${event}: ${command}`).sort()
  const licences = row.licences.filter((found) => isFromFile(found)).map(({ licence }) => licence)
  return [
    ...differ(`${row.path} name`, row.name, witness.name),
    ...differ(`${row.path} version`, row.version, witness.version),
    ...differ(`${row.path} bytes`, row.bytes, witness.bytes),
    ...differ(`${row.path} files`, row.files, witness.files),
    ...differ(`${row.path} scripts`, scripts, witness.scripts),
    ...(witness.licences === null ? [] : differ(`${row.path} licences`, unique(licences), witness.licences)),
    ...(witness.agrees === null ? [] : differ(`${row.path} agrees`, row.verdict === 'agrees', witness.agrees)),
  ]
}

function isFromFile({ file, by }: { readonly file: string; readonly by: string }): boolean {
  return (by === 'text' || by === 'excerpt') && !/readme/i.test(basename(file))
}

function differ(what: string, audited: unknown, witnessed: unknown): readonly string[] {
  const [one, other] = [JSON.stringify(audited), JSON.stringify(witnessed)]
  return one === other ? [] : [`${what}: the audit says ${one}, the independent script ${other}`]
}

function unique<T>(values: readonly T[]): readonly T[] {
  return [...new Set(values)].sort()
}

/** Every regular file below a folder; links are left alone (a recursive readdir would follow them). */
function listFiles(folder: string, below = ''): readonly string[] {
  return readdirSync(join(folder, below), { withFileTypes: true }).flatMap((entry) => {
    const path = below === '' ? entry.name : `${below}/${entry.name}`
    if (entry.isDirectory()) return listFiles(folder, path)
    return entry.isFile() ? [path] : []
  })
}

/** Between one node_modules and the next there is only a package's name, or a hidden store and an entry of it. */
function isInstalled(path: string): boolean {
  const [before, ...steps] = `/${path}`.split('/node_modules/')
  const isName = (step: string) => /^(@[^/]+\/)?[^/.@][^/]*$/.test(step)
  const isStore = (step: string, at: number) => /^\.[^/]+\/[^/]+$/.test(step) && at < steps.length - 1
  return steps.length > 0 && !before!.includes('/.') && steps.every((step, at) => isName(step) || isStore(step, at))
}

function readName(folder: string, path: string): string | null {
  const manifest = readJson(join(folder, path, 'package.json'))
  if (manifest === null) return path.split('node_modules/').at(-1)!
  return typeof manifest.name === 'string' && manifest.name !== '' ? manifest.name : null
}

function readJson(file: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'))
    return value !== null && typeof value === 'object' && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null
  } catch {
    return null
  }
}

/** The innermost package a file lies in; none for what lies in its node_modules without belonging to a package there. */
function ownerOf(file: string, roots: ReadonlySet<string>): string | null {
  for (let path = file; path.includes('/'); ) {
    path = path.slice(0, path.lastIndexOf('/'))
    if (roots.has(path)) return file.startsWith(`${path}/node_modules/`) ? null : path
  }
  return null
}

function testify(folder: string, path: string, files: readonly string[]): Witness {
  const manifest = readJson(join(folder, path, 'package.json'))
  const texts = files
    .filter((file) => isLicenceFile(file.slice(path.length + 1)))
    .map((file) => readFileSync(join(folder, file), 'utf8'))
  const licences = licencesIn(texts)
  return {
    path,
    name: readName(folder, path)!,
    version: typeof manifest?.version === 'string' ? manifest.version : null,
    bytes: files.reduce((sum, file) => sum + statSync(join(folder, file)).size, 0),
    files: files.length,
    scripts: scriptsOf(manifest, files.includes(`${path}/binding.gyp`)),
    licences,
    agrees: agreement(manifest?.license, licences),
  }
}

function scriptsOf(manifest: Record<string, unknown> | null, gyp: boolean): readonly string[] {
  const scripts = (manifest?.scripts ?? {}) as Record<string, unknown>
  const own = ['install', 'postinstall', 'preinstall'].filter((event) => typeof scripts[event] === 'string')
  const lines = own.map((event) => `${event}: ${scripts[event]}`)
  if (!gyp || own.includes('install') || own.includes('preinstall') || manifest?.gypfile === false) return lines
  return ['install: node-gyp rebuild', ...lines]
}

function isLicenceFile(name: string): boolean {
  return !name.includes('/') && /licen[cs]e|copying/i.test(name) && !/\.(js|ts|json|cjs|mjs|html)$/i.test(name)
}

const BSD =
  /redistribution and use in source and binary forms.*?possibility of such damage|redistribution and use in source.*$/g

const MARKERS: readonly (readonly [id: string, phrase: RegExp])[] = [
  ['0BSD', /any purpose with or without fee is hereby granted the software is provided/],
  ['AFL-2.1', /licensed under the academic free license version 2 1/],
  ['Apache-2.0', /apache license version 2 0 january 2004/],
  ['Artistic-2.0', /the artistic license 2 0 copyright 2000 2006 the perl foundation/],
  ['BlueOak-1.0.0', /blue oak model license/],
  ['CC0-1.0', /cc0 1 0 universal/],
  ['GPL-3.0-only', /gnu general public license version 3 29 june 2007/],
  ['ICU', /icu license icu 1 8 1/],
  [
    'ISC',
    /copy modify and (or )?distribute this software for any purpose with or without fee is hereby granted provided that/,
  ],
  [
    'MIT',
    /permission is hereby granted free of charge to any person obtaining a copy of this software .{0,900}permission notice shall be included in all copies/,
  ],
  ['MPL-2.0', /mozilla public license version 2 0 1 definitions/],
  ['NAIST-2003', /copyright .{0,40}nara institute of science and technology all rights reserved use reproduction/],
  ['Unicode-3.0', /unicode license v3/],
  ['Unlicense', /this is free and unencumbered software released into the public domain/],
  ['Zlib', /altered source versions must be plainly marked as such/],
]

// the audit reports a notice only where the file has no whole text of a licence
const APACHE_NOTICE = /licensed under the apache license version 2 0 the license you may not use/

/** The licences of which a phrase was found; null when a file has none of the phrases, or there is no file. */
function licencesIn(texts: readonly string[]): readonly string[] | null {
  const found = texts.map((text) =>
    markersIn(
      text
        .toLowerCase()
        .replace(/[^a-z0-9]+/g, ' ')
        .replace(/ copyright c /g, ' copyright '),
    ),
  )
  return found.length === 0 || found.some((ids) => ids.length === 0) ? null : unique(found.flat())
}

function markersIn(text: string): readonly string[] {
  const clauses = [...text.matchAll(BSD)].map(([block]) =>
    /neither the names? |names? .{1,60} may not be used/.test(block) ? 'BSD-3-Clause' : 'BSD-2-Clause',
  )
  const found = [...MARKERS.filter(([, phrase]) => phrase.test(text)).map(([id]) => id), ...clauses]
  return found.length === 0 && APACHE_NOTICE.test(text) ? ['Apache-2.0'] : found
}

/** Whether the declared licence is among those found; only said of single ids and of plain OR and AND. */
function agreement(declared: unknown, licences: readonly string[] | null): boolean | null {
  if (
    typeof declared !== 'string' ||
    licences === null ||
    !/^\(?[\w.-]+(?: (OR|AND) [\w.-]+(?: \1 [\w.-]+)*)?\)?$/.test(declared)
  )
    return null
  const ids = declared.replace(/[()]/g, '').split(/ (?:OR|AND) /)
  return declared.includes(' AND ') ? ids.every((id) => licences.includes(id)) : ids.some((id) => licences.includes(id))
}

function inSeveralVersions(packages: readonly Witness[]): readonly string[] {
  const names = unique(packages.map(({ name }) => name))
  const versions = (name: string) =>
    packages.filter((one) => one.name === name && one.version).map(({ version }) => version)
  return names.filter((name) => new Set(versions(name)).size > 1)
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [folder = 'node_modules', audit] = process.argv.slice(2)
  const testimony = auditIndependently(folder)
  const found = audit === undefined ? [] : disagreements(JSON.parse(readFileSync(audit, 'utf8')), testimony)
  console.log(JSON.stringify(audit === undefined ? testimony : found, null, 2))
  process.exitCode = found.length > 0 ? 1 : 0
}
