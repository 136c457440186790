import { randomUUID } from 'node:crypto'
import { Injectable, NotFoundException } from '@nestjs/common'
import { InjectRepository } from '@nestjs/typeorm'
import { IsNull, Repository } from 'typeorm'
import { type CreateTaskDto, type ListDto, PRIORITIES, type UpdateTaskDto } from './dto.js'
import { Task } from './entities.js'

const PAGE = 50

@Injectable()
export class TasksService {
  constructor(@InjectRepository(Task) private readonly tasks: Repository<Task>) {}

  async get(spaceId: string, id: string): Promise<Task> {
    const task = await this.tasks.findOneBy({ spaceId, id })
    if (task === null) throw new NotFoundException()
    return task
  }

  /** Pages by skip and take: https://typeorm.io/docs/working-with-entity-manager/find-options. */
  async list(spaceId: string, { skip = 0, search }: ListDto): Promise<Task[]> {
    const live = { spaceId, deletedAt: IsNull() }
    const order = { createdAt: 'desc', id: 'desc' } as const
    if (search === undefined) return await this.tasks.find({ where: live, order, skip, take: PAGE })
    const query = this.tasks.createQueryBuilder('task').where(live)
    for (const [n, word] of search.split(' ').entries())
      query.andWhere(`(task.title ilike :w${n} or task.description ilike :w${n})`, { [`w${n}`]: `%${word}%` })
    return await query.orderBy('task.createdAt', 'DESC').addOrderBy('task.id', 'DESC').skip(skip).take(PAGE).getMany()
  }

  async create(userId: string, dto: CreateTaskDto): Promise<Task> {
    const { title, description = null, priority = 'none', tags = [], due } = dto
    const id = randomUUID()
    const now = new Date()
    const task = this.tasks.create({
      spaceId: userId,
      userId,
      id,
      title,
      description,
      priority: PRIORITIES.indexOf(priority),
      tags,
      tagKeys: tags.map((tag) => tag.toLowerCase()),
      dueDate: due?.date ?? null,
      dueAt: null,
      // A unique position before all others, without a query.
      position: `7fffffff${id.replaceAll('-', '')}1`,
      revision: '1',
      createdAt: now,
      updatedAt: now,
    })
    await this.tasks.insert(task)
    return task
  }

  async update(spaceId: string, id: string, { title, priority }: UpdateTaskDto): Promise<Task> {
    const changes = {
      ...(title === undefined ? {} : { title }),
      ...(priority === undefined ? {} : { priority: PRIORITIES.indexOf(priority) }),
      revision: () => 'revision + 1',
      updatedAt: new Date(),
    }
    const { affected } = await this.tasks.update({ spaceId, id }, changes)
    if (affected === 0) throw new NotFoundException()
    return await this.get(spaceId, id)
  }
}
