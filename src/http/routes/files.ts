import { FILES } from '../../file/room/contract.ts'
import { bytesOf } from '../routing/body.ts'
import { handlers } from '../routing/route.ts'
import { fileAnswer } from './file-answer.ts'

/** Files: an upload is read while it arrives, and a file is sent while it is read. */
export const fileHandlers = handlers(FILES, {
  'files.add': ({ runtime, query, request, clock, signal }) =>
    runtime.files.add(bytesOf(request, clock), { ...query, signal }),
  async 'files.open'({ runtime, params: { file }, query, request }) {
    const document = await runtime.files.get(file, query)
    return fileAnswer(document, request, (range) => runtime.files.open(file, { ...query, ...range }))
  },
  async 'files.thumbnail'({ runtime, params: { file: id }, query, request }) {
    const { file, name } = await runtime.files.get(id, query)
    const { type, data } = await runtime.files.thumbnail(id, query)
    const small = { file: `${file}-thumbnail`, type, name, bytes: data.length }
    const content = async function* (start: number, end: number) {
      yield data.subarray(start, end)
    }
    return fileAnswer(small, request, async ({ start, end }) => ({ content: () => content(start, end) }))
  },
})
