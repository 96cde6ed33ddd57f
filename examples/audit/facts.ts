import { z } from 'zod'

const line = z.number().int().positive().nullable()

/** A file inside the audited folder, and the line (from 1) where there is one. */
const place = z.object({ file: z.string(), line })
export type Place = z.infer<typeof place>

/** An installed package: where it lies below the audited folder, with forward slashes. */
export type Installed = { readonly path: string; readonly name: string }

/** What a manifest says of its package. `declared` is the licence as an expression; `scripts` run when it is installed. */
export const manifestFacts = z.object({
  path: z.string(),
  file: z.string(),
  name: z.string(),
  version: z.string().nullable(),
  declared: z.string().nullable(),
  declaredLine: line,
  scripts: z.array(z.object({ event: z.string(), command: z.string(), file: z.string(), line })),
  problems: z.array(z.object({ message: z.string(), file: z.string(), line })),
})
export type ManifestFacts = z.infer<typeof manifestFacts>

/** A licence found in a file: first on `line`, `count` times; `by` and `score` as `recognise` has them. */
const foundLicence = z.object({
  file: z.string(),
  line,
  licence: z.string().nullable(),
  also: z.array(z.string()),
  by: z.enum(['text', 'excerpt', 'name', 'none']),
  score: z.number(),
  nearest: z.string().nullable(),
  count: z.number().int().positive(),
})
export type FoundLicence = z.infer<typeof foundLicence>

/** The licences in a package's files, and of each file how many words it has and how many lie in no standard text. */
export const licenceFacts = z.object({
  path: z.string(),
  found: z.array(foundLicence),
  files: z.array(z.object({ file: z.string(), words: z.number(), outside: z.number() })),
})
export type LicenceFacts = z.infer<typeof licenceFacts>

export const VERDICTS = [
  'agrees',
  'differs',
  'no-text',
  'no-declaration',
  'unknown-text',
  'unknown-declaration',
] as const

/** How the declared licence and the texts found go together; `reason` is one sentence, `places` are what it rests on. */
const comparison = z.object({
  path: z.string(),
  verdict: z.enum(VERDICTS),
  declared: z.string().nullable(),
  /** ids found as text or excerpt; of them those not declared; and those declared without a text */
  found: z.array(z.string()),
  extra: z.array(z.string()),
  missing: z.array(z.string()),
  reason: z.string(),
  places: z.array(place),
})
export type Comparison = z.infer<typeof comparison>

/** Apparent size in bytes of a package's own files, without the packages nested in it. */
const diskFacts = z.object({ path: z.string(), bytes: z.number(), files: z.number() })
export type DiskFacts = z.infer<typeof diskFacts>

/** All that is known of one package: what a loop over the packages gives; the value of a step that failed is missing. */
export const packageFacts = z.object({
  manifest: manifestFacts.nullish(),
  licence: licenceFacts.nullish(),
  compare: comparison.nullish(),
  disk: diskFacts.nullish(),
})
export type PackageFacts = z.infer<typeof packageFacts>

/** A package installed in several versions. */
export const duplicate = z.object({
  name: z.string(),
  versions: z.array(z.object({ version: z.string(), paths: z.array(z.string()) })),
})
export type Duplicate = z.infer<typeof duplicate>
