import { join } from 'node:path'
import { z } from 'zod'
import type { FoundLicence, LicenceFacts } from './facts.ts'
import { audited, ledger } from './ledger.ts'
import { licenceFilesIn } from './licence-files.ts'
import { readManifest } from './manifest-file.ts'
import { folder, locatePackage, packagePath } from './place.ts'
import { readText } from './read.ts'
import { licenceSection } from './readme.ts'
import { type Recognition, recognise } from './text/recognise.ts'

/** Finds the licences in a package's licence files, or else in the licence section of its README. */
export const licence = audited({
  name: 'licence',
  description: "Recognises the licences in a package's files by comparing them with the standard texts.",
  effect: 'pure',
  input: z.strictObject({ folder, path: packagePath, ledger }),
  async execute(input, context): Promise<LicenceFacts> {
    const directory = locatePackage(input, context)
    const { licences, readme } = await licenceFilesIn(directory)
    const referred = await referredFile(directory, context.signal)
    const names = [...new Set(referred === null ? licences : [referred, ...licences])]
    const facts = { path: input.path, found: [] as FoundLicence[], files: [] as LicenceFacts['files'] }
    for (const name of names) {
      const text = await readText(join(directory, name), LONGEST, context.signal)
      if (text !== null) addFile(facts, name, recognise(text))
    }
    if (facts.files.length === 0 && readme !== null)
      addReadme(facts, readme, await readReadme(directory, readme, context))
    return facts
  },
})

const LONGEST = 256 * 1024
const REFERRED = /^SEE LICEN[CS]E IN ([^/\\]+)$/i

async function referredFile(directory: string, signal: AbortSignal): Promise<string | null> {
  const manifest = await readManifest(directory, signal)
  if (manifest.state !== 'read' || typeof manifest.value.license !== 'string') return null
  return REFERRED.exec(manifest.value.license.trim())?.[1] ?? null
}

async function readReadme(directory: string, name: string, context: { readonly signal: AbortSignal }): Promise<string> {
  return licenceSection((await readText(join(directory, name), LONGEST, context.signal)) ?? '') ?? ''
}

/** A README that says nothing of licences, or nothing known, is no licence file. */
function addReadme(facts: LicenceFacts, name: string, section: string): void {
  const recognition = recognise(section)
  if (recognition.found.some(({ by }) => by !== 'none')) addFile(facts, name, recognition)
}

function addFile(facts: LicenceFacts, name: string, { found, words, outside }: Recognition): void {
  const file = `${facts.path}/${name}`
  facts.files.push({ file, words, outside })
  if (found.length === 0) facts.found.push({ file, ...EMPTY })
  for (const recognised of found) {
    const same = facts.found.find((other) => isSame(other, { file, ...recognised }))
    if (same) same.count++
    else facts.found.push({ ...recognised, also: [...recognised.also], file, count: 1 })
  }
}

const EMPTY = { line: null, licence: null, also: [], by: 'none' as const, score: 0, nearest: null, count: 1 }

function isSame(one: Omit<FoundLicence, 'count'>, other: Pick<FoundLicence, 'file' | 'licence' | 'by'>): boolean {
  return one.file === other.file && one.licence === other.licence && one.by === other.by
}
