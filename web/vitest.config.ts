import { mergeConfig } from 'vite'
import { defineConfig } from 'vitest/config'
import app from './vite.config.ts'

// Apart from vite.config.ts, which must load where no test tools are installed.
export default mergeConfig(
  app,
  defineConfig({
    test: { environment: 'jsdom', include: ['src/**/*.test.{ts,tsx}'], restoreMocks: true, isolate: false },
  }),
)
