import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { blocksIn, openProgramFolder, ROOT, read, runProgram } from './program.ts'

const PAGE = await read('docs/cookbook.md')

/** A recipe: its program, a file that it needs, and the lines that the page says it prints. */
type Recipe = {
  readonly title: string
  readonly program: string
  readonly config: string | undefined
  readonly lines: readonly string[]
}

const RECIPES: readonly Recipe[] = PAGE.split(/^## /m)
  .map((part): Recipe => {
    const [, said = ''] = /^It prints ((?:`[^`]*`(?:,| and)?\s*)+)/m.exec(part) ?? []
    return {
      title: part.slice(0, part.indexOf('\n')),
      program: blocksIn(part, 'ts')[0] ?? '',
      config: blocksIn(part, 'yaml')[0],
      lines: [...said.matchAll(/`([^`]*)`/g)].map(([, line]) => line!),
    }
  })
  .filter(({ lines }) => lines.length > 0)

const PRICE = 'models: [{ id: openai/gpt-5-mini, cost: { input: 1, output: 1 } }]\n'
/** The replies of the models in the recipes. */
const MODEL = `scriptedModel([
  { match: /order 7[^]*dollars/, reply: 'It costs 10 dollars.' },
  { match: 'order 7', calls: [{ name: 'cheapest', input: { order: '7' } }] },
  { match: 'arrived broken', reply: 'complaint' },
])`

function withModel(program: string): string {
  if (!program.includes('openai/')) return program
  const models = `models: { 'openai/gpt-5-mini': ${MODEL} }, `
  return `import { scriptedModel } from 'antiphon/testing'\n${program.replace('await start({ ', `await start({ ${models}`)}`
}

/** Sets a secret of the folder, which the environment has, too. */
async function setSecret(folder: string, name: string): Promise<void> {
  vi.stubEnv(name, 'a-text-of-yours')
  vi.stubEnv('ANTIPHON_PASSPHRASE', 'a passphrase that is long enough')
  const child = spawn(process.execPath, [join(ROOT, 'bin/antiphon.js'), 'keys', 'set', name], { cwd: folder })
  child.stdin.end('a-text-of-yours\n')
  await once(child, 'close')
}
afterEach(() => void vi.unstubAllEnvs())

test('each recipe prints what the page says', async () => {
  expect(RECIPES.length).toBeGreaterThan(10)
  const work = [...RECIPES]
  const ran: unknown[] = []
  // two processes at a time
  await Promise.all(
    [1, 2].map(async () => {
      for (let recipe = work.shift(); recipe; recipe = work.shift()) {
        const folder = await openProgramFolder()
        await writeFile(join(folder, 'antiphon.yaml'), `embedder: none\n${PRICE}${recipe.config ?? ''}`)
        if (recipe.program.includes('secret://PAYMENTS')) await setSecret(folder, 'PAYMENTS')
        ran.push({ title: recipe.title, ...(await runProgram(folder, withModel(recipe.program))) })
      }
    }),
  )
  const expected = RECIPES.map(({ title, lines }) => ({ title, code: 0, out: `${lines.join('\n')}\n`, err: '' }))
  expect(ran).toHaveLength(expected.length)
  expect(ran).toEqual(expect.arrayContaining(expected))
})

test('the route of Next.js starts a run', async () => {
  const [shared, route] = blocksIn(PAGE.slice(PAGE.indexOf('## Next.js')), 'ts')
  const folder = await openProgramFolder()
  await mkdir(join(folder, 'app/api/orders'), { recursive: true })
  await writeFile(join(folder, 'app/ai.mts'), shared!)
  await writeFile(join(folder, 'app/api/orders/route.mts'), route!)
  const program = `import { app } from './app/ai.mts'
import { POST } from './app/api/orders/route.mts'
const answer = await POST(new Request('http://a/api/orders', { method: 'POST', body: JSON.stringify({ id: '7' }) }))
console.log(answer.status, await answer.json())
for await (const _ of app.runs.events('order-7'));
console.log((await app.runs.get('order-7')).outputs)
await app.stop()
`
  const out = "202 { run: 'order-7' }\n{ result: 'shipped 7' }\n"
  expect(await runProgram(folder, program)).toEqual({ code: 0, out, err: '' })
})
