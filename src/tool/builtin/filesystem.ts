import type { Tool } from '../tool.ts'
import { chmodTool } from './filesystem/chmod.ts'
import { copyTool, moveTool } from './filesystem/copy-move.ts'
import { listTool } from './filesystem/list.ts'
import { deleteTool, mkdirTool } from './filesystem/mkdir-delete.ts'
import { existsTool, readFileTool } from './filesystem/read.ts'
import { appendTool, writeTool } from './filesystem/write.ts'

/** Files and folders below the context's roots; paths are answered as they were written, sizes in bytes. */
export const filesystemTools: readonly Tool[] = [
  readFileTool,
  writeTool,
  appendTool,
  copyTool,
  moveTool,
  deleteTool,
  listTool,
  existsTool,
  mkdirTool,
  chmodTool,
]
