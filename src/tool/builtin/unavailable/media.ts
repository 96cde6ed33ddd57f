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
    missing: 'a model that generates images',
    operations: {
      execute: ['Generates images', { prompt: text }, IMAGE],
      generate: ['Generates images', { prompt: text }, IMAGE],
    },
  },
  'audio-processing': {
    missing: 'a model that analyses sound (transcribe and speak exist)',
    operations: {
      execute: ['Works on a recording', { audio: text }, AUDIO],
      analyze: ['Describes the sounds in a recording', { audio: text }, AUDIO],
      enhance: ['Makes a recording clearer', { audio: text }, AUDIO],
      convert: ['Converts a recording', { audio: text }, AUDIO],
    },
  },
  'video-processing': {
    missing: 'a vision model, and a video decoder',
    operations: {
      execute: ['Works on a video', { video: text }, VIDEO],
      analyze: ['Describes a video', { video: text }, VIDEO],
      extract_frames: ['Extracts frames of a video', { video: text }, VIDEO],
    },
  },
}
