import { join } from 'node:path'
import { z } from 'zod'
import { duplicate, packageFacts } from './facts.ts'
import { audited, ledger } from './ledger.ts'
import { folder, locate, shown } from './place.ts'
import { auditOf } from './report/audit.ts'
import { cutTo, type Findings, findingsOf } from './report/findings.ts'
import { markdownOf } from './report/markdown.ts'
import { replaceFile } from './report/write.ts'

/** What the report tool returns: the findings, each list cut to its first hundred, and the files that hold all of it. */
export type Reported = Findings & { readonly written: { readonly markdown: string; readonly json: string } }

/** Writes audit.md and audit.json into a folder and returns the findings that matter. */
export const report = audited({
  name: 'report',
  description: 'Writes audit.md and audit.json from the facts of all packages and returns the findings that matter.',
  effect: 'idempotent',
  input: z.strictObject({
    results: z.array(packageFacts.nullable()),
    duplicates: z.array(duplicate),
    folder,
    out: z.string().min(1).describe('folder to write into'),
    ledger,
  }),
  async execute({ results, duplicates, folder, out }, context): Promise<Reported> {
    const audit = auditOf(folder, results, duplicates)
    const directory = locate(out, context)
    const write = (name: string, text: string) => replaceFile(join(directory, name), text, context.idempotencyKey)
    await write('audit.json', `${JSON.stringify(audit, null, 2)}\n`)
    context.signal.throwIfAborted()
    await write('audit.md', markdownOf(audit))
    const written = { markdown: shown(join(out, 'audit.md')), json: shown(join(out, 'audit.json')) }
    return { ...cutTo(MOST_RETURNED, findingsOf(audit)), written }
  },
})

const MOST_RETURNED = 100
