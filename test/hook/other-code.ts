import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { Workflow } from '../../src/index.ts'
import { makeFolder } from '../http/program/folder.ts'
import { openProgram } from './kills/program.ts'

export { addresses, order, strict } from './kills/program.ts'

export async function makeShop() {
  const folder = await makeFolder()
  await writeFile(
    join(folder, 'antiphon.yaml'),
    'embedder: none\ndurability: process\nserve: { publicUrl: "https://shop.example/" }\n',
  )
  return folder
}

/** A folder that programs with different code open, one after the other. */
export async function openFolder(folder?: string) {
  const shop = folder ?? (await makeShop())
  let last: { stop(): Promise<void> } | undefined
  onTestFinished(() => last?.stop())
  return async (...workflows: Workflow[]) => {
    await last?.stop()
    const program = await openProgram(shop, workflows)
    last = program
    return program
  }
}
