// A process that works on the ask until it dies by itself.
import { awaitLife } from '../../../trials/index.ts'
import { type Life, live } from './life.ts'

const { settings, begin } = await awaitLife<Pick<Life, 'folder' | 'dies'>>()
begin()
await live(settings)
