// node test/journals/write.ts: writes the journals of this format anew
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { dumpFolder } from './dump.ts'
import { JOURNALS, journalPath } from './journals.ts'
import { contentOf, openJournal, summaryOf, tellStory } from './story.ts'

for (const [name, checkpoint] of Object.entries(JOURNALS)) {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-journal-'))
  const runtime = await openJournal(folder, undefined, checkpoint)
  const runs = await tellStory(runtime)
  const expected = {
    finished: await summaryOf(runtime, runs.finished),
    undone: await summaryOf(runtime, runs.undone),
    loop: await summaryOf(runtime, runs.loop),
    ...(await contentOf(runtime)),
  }
  // as a process leaves it that is killed
  const copy = mkdtempSync(join(tmpdir(), 'antiphon-journal-'))
  cpSync(join(folder, '.antiphon'), copy, { recursive: true })
  await runtime.stop({ grace: 0 })
  const { path, folder: journals } = journalPath(name)
  mkdirSync(journals, { recursive: true })
  writeFileSync(path, `${JSON.stringify({ runs, expected, ...dumpFolder(copy) }, null, 1)}\n`)
  for (const made of [folder, copy]) rmSync(made, { recursive: true })
}
