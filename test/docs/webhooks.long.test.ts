import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { runHere } from '../cli/here.ts'
import { REAL } from '../cli/programs.ts'
import { blocksIn, openProgramFolder, read, runProgram } from './program.ts'

const page = await read('docs/webhooks.md')
const [settings = '', order = '', more = ''] = blocksIn(page, 'yaml')

async function openShop(yaml: string): Promise<string> {
  const folder = await openProgramFolder()
  await writeFile(join(folder, 'antiphon.yaml'), yaml)
  await writeFile(join(folder, 'order.yaml'), order)
  return folder
}

test('the command of the page lists the hooks of its settings', async () => {
  const list = async (yaml: string) => runHere(REAL, ['hooks'], { folder: await openShop(yaml) })
  expect((await list(settings)).out).toMatch(/orders +standard +local +run order\.yaml +POST \/v1\/hooks\/orders +its/)
  expect((await list(more)).out).toMatch(/paid +stripe +local +signal paid /)
})

test('the program of the page refuses a forged delivery', async () => {
  const folder = await openShop('{}\n')
  vi.stubEnv('ANTIPHON_SECRET_ORDERS', `whsec_${Buffer.alloc(24, 1).toString('base64')}`)
  onTestFinished(() => void vi.unstubAllEnvs())
  expect(await runProgram(folder, blocksIn(page, 'ts')[0]!)).toMatchObject({
    code: 0,
    out: '/v1/hooks/orders run order.yaml\n401\n',
  })
})
