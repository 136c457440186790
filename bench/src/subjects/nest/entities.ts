import { Column, Entity, PrimaryColumn } from 'typeorm'

/** https://docs.nestjs.com/techniques/database and https://typeorm.io/docs/entity/entities */
@Entity({ schema: 'tw', name: 'tasks' })
export class Task {
  @PrimaryColumn({ name: 'space_id', type: 'uuid' })
  spaceId: string
  @PrimaryColumn({ type: 'uuid' })
  id: string
  @Column({ name: 'user_id', type: 'uuid', nullable: true })
  userId: string | null
  @Column({ name: 'list_id', type: 'uuid', nullable: true })
  listId: string | null
  @Column({ type: 'text' })
  title: string
  @Column({ type: 'text', nullable: true })
  description: string | null
  @Column({ type: 'boolean', default: false })
  complete: boolean
  @Column({ name: 'completed_at', type: 'timestamptz', nullable: true })
  completedAt: Date | null
  @Column({ type: 'smallint', default: 0 })
  priority: number
  @Column({ type: 'text', array: true, default: [] })
  tags: string[]
  @Column({ name: 'tag_keys', type: 'text', array: true, default: [] })
  tagKeys: string[]
  @Column({ name: 'due_date', type: 'date', nullable: true })
  dueDate: string | null
  @Column({ name: 'due_time', type: 'time', nullable: true })
  dueTime: string | null
  @Column({ name: 'due_zone', type: 'text', nullable: true })
  dueZone: string | null
  @Column({ name: 'due_at', type: 'timestamptz', nullable: true })
  dueAt: Date | null
  @Column({ type: 'text' })
  position: string
  @Column({ type: 'bigint' })
  revision: string
  @Column({ name: 'created_at', type: 'timestamptz' })
  createdAt: Date
  @Column({ name: 'updated_at', type: 'timestamptz' })
  updatedAt: Date
  @Column({ name: 'deleted_at', type: 'timestamptz', nullable: true })
  deletedAt: Date | null
}

@Entity({ schema: 'auth', name: 'sessions' })
export class Session {
  @PrimaryColumn({ type: 'uuid' })
  id: string
  @Column({ name: 'user_id', type: 'uuid' })
  userId: string
  @Column({ name: 'token_hash', type: 'bytea' })
  tokenHash: Buffer
  @Column({ name: 'expires_at', type: 'timestamptz' })
  expiresAt: Date
}
