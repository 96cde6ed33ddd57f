// A node that works on orders until it is killed.
import { awaitLife } from '../../../trials/index.ts'
import { open } from './life.ts'

const { settings, begin } = await awaitLife<{ readonly folder: string; readonly node: string }>()
const { folder, node } = settings
await (await open({ folder }, { node })).engine.start()
begin()
