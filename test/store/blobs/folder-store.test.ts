import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe } from 'vitest'
import { folderStore } from '../../../src/store/blobs/folder-store.ts'
import { exerciseStore } from './exercise.ts'

let folder: string
beforeEach(async () => {
  const top = await mkdtemp(join(tmpdir(), 'antiphon-folder-'))
  folder = join(top, 'shared')
  return () => rm(top, { recursive: true, force: true })
})

describe('a folder', () => exerciseStore(() => folderStore(folder)))
