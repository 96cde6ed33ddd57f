// A process that works on the conversation until it is killed at some moment.
import { awaitLife } from '../../../trials/index.ts'
import { type Life, live } from './life.ts'

const { settings, begin } = await awaitLife<Pick<Life, 'folder'>>()
begin()
await live(settings)
