/** antiphon/extend: what an extension is made of. It loads nothing else of antiphon. */

export { TerminalError } from './errors.ts'
export { defineExtension, type Extension } from './extension/extension.ts'
export type {
  PlacedText,
  Reader,
  ReaderFile,
  ReaderPage,
  ReaderPages,
  ReaderRecording,
  ReaderResult,
  ReaderTerms,
  ReaderTrack,
} from './extension/reader.ts'
export { unread } from './extension/unread.ts'
export type { Charts } from './tool/builtin/visualization/charts.ts'
export type { Tool } from './tool/tool.ts'
