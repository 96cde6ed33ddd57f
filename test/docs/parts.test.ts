import { readFile, writeFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { openFolder } from '../runtime/inspect/folder.ts'
import { blocksIn, read } from './program.ts'

/** The services of the page; the first mail fails. */
const SERVICES = `import { appendFileSync } from 'node:fs'
const did = new URL('did', import.meta.url)
const log = (line) => appendFileSync(did, line + '\\n')
let mails = 0
export const shop = { reserve: async (item, key) => (log('reserve ' + item + ' ' + key), 'shelf 7') }
export const bank = { pay: async (cents, key) => (log('pay ' + cents + ' ' + key), 'receipt 12') }
export const mail = {
  async send(to, text) {
    if (++mails === 1) throw new Error('no line')
    log(to + ' ' + text)
  },
}
`

test('the tool of the page repeats only the part that failed', async () => {
  const folder = openFolder()
  const code = blocksIn(await read('docs/tool-calls.md'), 'ts').find((block) => block.includes('once('))!
  const urls = { antiphon: new URL('../../src/index.ts', import.meta.url).href, zod: import.meta.resolve('zod') }
  const linked = Object.entries(urls).reduce((text, [name, url]) => text.replace(`'${name}'`, `'${url}'`), code)
  await writeFile(folder.path('services.mjs'), SERVICES)
  await writeFile(folder.path('order.mts'), linked)
  await writeFile(folder.path('antiphon.yaml'), 'plugins: [order.mts]\n')
  const runtime = await folder.open()
  const parameters = { item: 'lamp', cents: 900, to: 'ann@example.com' }
  const { id } = await runtime.tools.call([{ id: 'order', tool: 'order', parameters, retry: 1 }])
  await runtime.idle()
  expect(await runtime.runs.get(id)).toMatchObject({
    outputs: { order: { reserved: 'shelf 7', receipt: 'receipt 12' } },
  })
  const did = (await readFile(folder.path('did'), 'utf8')).trim().split('\n')
  const key = '[!-~]+/[\\w-]{22}'
  expect(did).toEqual([
    expect.stringMatching(`^reserve lamp ${key}$`),
    expect.stringMatching(`^pay 900 ${key}$`),
    'ann@example.com Paid: receipt 12',
  ])
})
