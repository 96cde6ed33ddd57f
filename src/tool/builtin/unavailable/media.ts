import { number, text, type UnavailableOperations } from './operations.ts'

const IMAGE = {
  size: text.optional(),
  style: text.optional(),
  num_images: number.optional(),
  output_format: text.optional(),
  output_path: text.optional(),
  filename: text.optional(),
  model: text.optional(),
}
const AUDIO = {
  operation: text.optional(),
  language: text.optional(),
  model: text.optional(),
  output_path: text.optional(),
}
const VIDEO = {
  operation: text.optional(),
  frame_interval: number.optional(),
  model: text.optional(),
  output_path: text.optional(),
}

/** Tools for images, audio and video. */
export const MEDIA_TOOLS: { readonly [tool: string]: UnavailableOperations } = {
  'image-generation': {
    missing: 'a model that makes pictures',
    operations: {
      execute: ['Makes pictures', { prompt: text }, IMAGE],
      generate: ['Makes pictures', { prompt: text }, IMAGE],
    },
  },
  'audio-processing': {
    missing: 'a model that hears more than words (action: transcribe writes those down, action: speak says a text)',
    operations: {
      execute: ['Works on a recording', { audio: text }, AUDIO],
      analyze: ['Says what is heard', { audio: text }, AUDIO],
      enhance: ['Makes a recording clearer', { audio: text }, AUDIO],
      convert: ['Converts a recording', { audio: text }, AUDIO],
    },
  },
  'video-processing': {
    missing: 'a model that sees, and a decoder of video',
    operations: {
      execute: ['Works on a video', { video: text }, VIDEO],
      analyze: ['Says what a video shows', { video: text }, VIDEO],
      extract_frames: ['Takes pictures out of a video', { video: text }, VIDEO],
    },
  },
}
