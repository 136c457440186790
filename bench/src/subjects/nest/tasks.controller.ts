import { Body, Controller, Get, Param, ParseUUIDPipe, Patch, Post, Query, UseGuards } from '@nestjs/common'
import { CreateTaskDto, ListDto, UpdateTaskDto } from './dto.js'
import type { Task } from './entities.js'
import { SessionGuard, UserId } from './session.guard.js'
import { TasksService } from './tasks.service.js'

@Controller('tasks')
@UseGuards(SessionGuard)
export class TasksController {
  constructor(private readonly tasks: TasksService) {}

  @Get(':id')
  get(@UserId() userId: string, @Param('id', ParseUUIDPipe) id: string): Promise<Task> {
    return this.tasks.get(userId, id)
  }

  @Get()
  list(@UserId() userId: string, @Query() query: ListDto): Promise<Task[]> {
    return this.tasks.list(userId, query)
  }

  @Post()
  create(@UserId() userId: string, @Body() dto: CreateTaskDto): Promise<Task> {
    return this.tasks.create(userId, dto)
  }

  @Patch(':id')
  update(@UserId() userId: string, @Param('id', ParseUUIDPipe) id: string, @Body() dto: UpdateTaskDto): Promise<Task> {
    return this.tasks.update(userId, id, dto)
  }
}

@Controller('nothing')
export class NothingController {
  @Get()
  nothing(@Query('n') n: string): { n: number } {
    return { n: Number(n) }
  }
}
