import { compare } from './compare.ts'
import { disk } from './disk.ts'
import { duplicates } from './duplicates.ts'
import { licence } from './licence.ts'
import { manifest } from './manifest.ts'
import { packages } from './packages.ts'
import { report } from './report.ts'

/** The audit's tools: what is installed, under which licences, how big, how often, and a report of it. */
export default [packages, manifest, licence, compare, disk, duplicates, report]
