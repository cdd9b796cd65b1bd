import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    // most tests wait for processes, sockets and disks: a worker for every processor, the first too
    maxWorkers: '100%',
    globalSetup: 'tests/support/build.ts',
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
})
