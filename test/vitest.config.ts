import { defineConfig } from 'vitest/config'

const common = {
  testTimeout: 20_000,
  hookTimeout: 60_000,
  // A machine may be busy: what is polled for ends as soon as it is there.
  expect: { poll: { timeout: 10_000 } },
}

// What asks a database by way of the blog or of a command runs on each. What is about processes, browsers and
// templates runs on one: the way to the database is the same, and it takes minutes.
const onEach = ['blog/{feed,glue,import,view}.test.ts', 'manage/{commands,dump}.test.ts']

export default defineConfig({
  test: {
    globalSetup: './setup.ts',
    // One worker waits much of the time: for a browser, an installation, a process.
    maxWorkers: '100%',
    projects: [
      {
        test: {
          ...common,
          name: 'SQLite',
          provide: { database: 'SQLite' },
          include: ['**/*.test.ts'],
          typecheck: {
            enabled: true,
            include: ['types/**/*.test-d.ts'],
            tsconfig: './tsconfig.json',
          },
        },
      },
      ...['better-sqlite3', 'PostgreSQL', 'MariaDB'].map((database) => ({
        test: { ...common, name: database, provide: { database }, include: onEach },
      })),
    ],
  },
})
