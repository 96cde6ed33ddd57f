import { appendFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { programIn } from '../../src/cli/commands/serve/dev.ts'
import { lastRun, runLines } from '../../src/cli/dev/news.ts'
import { createVersions, type Version } from '../../src/cli/dev/versions.ts'
import { watchFiles } from '../../src/cli/dev/watch.ts'

function openFolder(): (name: string) => string {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-dev-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return (name) => join(folder, name)
}

/** Versions whose processes are promises, and a diary of all that happens to them. */
function openVersions() {
  const diary: string[] = []
  const processes: { load(): void; fail(): void; exit(): void }[] = []
  const versions = createVersions({
    say: (line) => diary.push(line),
    onUp: () => diary.push('up'),
    launch() {
      const number = processes.length
      const [loaded, ended] = [Promise.withResolvers<string | undefined>(), Promise.withResolvers<string>()]
      const exit = () => {
        loaded.resolve(undefined)
        ended.resolve('exit code 1')
      }
      const note = (word: string) => diary.push(`${word} ${number}`)
      processes.push({ load: () => loaded.resolve('data'), fail: exit, exit })
      note('launch')
      return {
        loaded: loaded.promise,
        ended: ended.promise,
        go: () => void note('go'),
        kill() {
          note('kill')
          exit()
        },
        async stop() {
          note('stop')
          await ended.promise
          note('stopped')
        },
      } satisfies Version
    },
  })
  const settled = () => new Promise((resolve) => setTimeout(resolve, 0))
  return { versions, processes, settled, takeDiary: () => diary.splice(0) }
}

test('the version before stops once the next one has loaded, and that one then goes on', async () => {
  const { versions, processes, settled, takeDiary } = openVersions()
  versions.load()
  processes[0]!.load()
  await settled()
  expect(takeDiary()).toEqual(['launch 0', 'go 0', 'up'])
  versions.load()
  await settled()
  expect(takeDiary()).toEqual(['launch 1'])
  processes[1]!.load()
  await settled()
  expect(takeDiary()).toEqual(['stop 0'])
  processes[0]!.exit()
  await settled()
  expect(takeDiary()).toEqual(['stopped 0', 'go 1', 'up'])
})

test('a version that does not load leaves the one before at work', async () => {
  const { versions, processes, settled, takeDiary } = openVersions()
  versions.load()
  processes[0]!.fail()
  await settled()
  expect(takeDiary()).toEqual(['launch 0', 'It was not loaded. The next edit starts it.'])
  versions.load()
  processes[1]!.load()
  await settled()
  versions.load()
  processes[2]!.fail()
  await settled()
  expect(takeDiary()).toEqual(['launch 1', 'go 1', 'up', 'launch 2', 'It was not loaded. The version before goes on.'])
})

test('an edit takes the place of a version that still loads', async () => {
  const { versions, processes, settled, takeDiary } = openVersions()
  versions.load()
  versions.load()
  processes[1]!.load()
  await settled()
  expect(takeDiary()).toEqual(['launch 0', 'kill 0', 'launch 1', 'go 1', 'up'])
})

test('a version that has loaded waits for all before it, also when it is replaced meanwhile', async () => {
  const { versions, processes, settled, takeDiary } = openVersions()
  versions.load()
  processes[0]!.load()
  await settled()
  versions.load()
  processes[1]!.load()
  await settled()
  versions.load()
  processes[2]!.load()
  await settled()
  expect(takeDiary()).toEqual(['launch 0', 'go 0', 'up', 'launch 1', 'stop 0', 'launch 2', 'stop 1'])
  processes[1]!.exit()
  await settled()
  expect(takeDiary()).toEqual(['stopped 1'])
  processes[0]!.exit()
  await settled()
  expect(takeDiary()).toEqual(['stopped 0', 'go 2', 'up'])
})

test('a program that ends is said, one that is stopped is not', async () => {
  const { versions, processes, settled, takeDiary } = openVersions()
  versions.load()
  processes[0]!.load()
  await settled()
  processes[0]!.exit()
  await settled()
  expect(takeDiary().at(-1)).toBe('The program has ended (exit code 1). The next edit starts it.')
  versions.load()
  processes[1]!.load()
  await settled()
  versions.load()
  takeDiary()
  const stopped = versions.stop()
  processes[1]!.exit()
  await stopped
  expect(takeDiary()).toEqual(['kill 2', 'stop 1', 'stopped 1'])
})

test('a change of a watched file is an edit, in whichever way an editor writes it, and other files are none', async () => {
  const path = openFolder()
  const edits: string[] = []
  const files = watchFiles((paths) => edits.push(...paths))
  onTestFinished(files.close)
  writeFileSync(path('a.mts'), '1')
  files.add(path('a.mts'))
  files.add(path('later.mts'))
  appendFileSync(path('lines.txt'), 'written by the program')
  writeFileSync(path('a.tmp'), '22')
  renameSync(path('a.tmp'), path('a.mts'))
  await vi.waitFor(() => expect(edits).toEqual([path('a.mts')]))
  writeFileSync(path('later.mts'), '1')
  await vi.waitFor(() => expect(edits).toEqual([path('a.mts'), path('later.mts')]))
})

test('a file that has changed since it was loaded is an edit', async () => {
  const path = openFolder()
  const edits: string[] = []
  const files = watchFiles((paths) => edits.push(...paths))
  onTestFinished(files.close)
  writeFileSync(path('a.mts'), '1')
  files.add(path('a.mts'), 'an earlier state')
  await vi.waitFor(() => expect(edits).toEqual([path('a.mts')]))
})

const run = { id: 'r1', name: 'order', startedAt: 1000 }

test('news are runs that began or ended since the last look', () => {
  const lines = (before: Record<string, string>, status: string, since = 0) =>
    runLines(new Map(Object.entries(before)), [{ ...run, status, finishedAt: 3500 }], since)
  expect(lines({}, 'running', 2000)).toEqual([])
  expect(lines({ r1: 'running' }, 'completed', 2000)).toEqual(['r1 order completed after 2.5 s'])
  expect(lines({}, 'running')).toEqual(['r1 order begins'])
  expect(lines({ r1: 'running' }, 'waiting')).toEqual([])
  expect(lines({ r1: 'waiting' }, 'completed')).toEqual(['r1 order completed after 2.5 s'])
  expect(lines({}, 'failed')).toEqual(['r1 order failed after 2.5 s: antiphon show r1'])
  expect(lines({ r1: 'failed' }, 'failed')).toEqual([])
})

test('the last run with a text or a workflow can start again, and says whether steps must not be repeated', async () => {
  const sources: { readonly [id: string]: object } = {
    calls: { language: 'pipeline', missing: 'No text was given for this run.' },
    copy: { language: 'pipeline', text: 'steps: []', name: 'copy.yaml', inputs: { a: 1 } },
    order: { language: 'workflow', workflow: 'order', inputs: { id: 7 } },
  }
  const client = (ids: readonly string[], effect: string) =>
    ({
      runs: {
        list: async () => ids.map((id) => ({ id, name: id, owner: id === 'other' ? 'ada' : 'local' })),
        source: async (id: string) => sources[id],
      },
      pipelines: { plan: async () => ({ levels: [[{ id: 'x', effect }]] }) },
    }) as unknown as Parameters<typeof lastRun>[0]
  const copy = { source: { text: 'steps: []', name: 'copy.yaml' }, inputs: { a: 1 } }
  expect(await lastRun(client(['other', 'calls', 'copy'], 'pure'))).toMatchObject({ mayRepeat: false, request: copy })
  expect(await lastRun(client(['copy'], 'at-most-once'))).toMatchObject({ mayRepeat: true })
  const order = { workflow: 'order', input: { id: 7 } }
  expect(await lastRun(client(['order'], 'pure'))).toMatchObject({ mayRepeat: true, request: order })
  expect(await lastRun(client(['calls'], 'pure'))).toBeUndefined()
})

test('the program of a folder is that of antiphon.yaml, then that of package.json, then one with a usual name', () => {
  const path = openFolder()
  expect(programIn(path('.'), undefined)).toBeUndefined()
  writeFileSync(path('server.mts'), '')
  expect(programIn(path('.'), undefined)).toBe(path('server.mts'))
  writeFileSync(path('package.json'), JSON.stringify({ main: 'missing.mts' }))
  expect(programIn(path('.'), undefined)).toBe(path('server.mts'))
  writeFileSync(path('shop.mts'), '')
  writeFileSync(path('package.json'), JSON.stringify({ main: 'shop.mts' }))
  expect(programIn(path('.'), undefined)).toBe(path('shop.mts'))
  expect(programIn(path('.'), '/work/app.mts')).toBe('/work/app.mts')
})
