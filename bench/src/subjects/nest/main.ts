import 'reflect-metadata'
import { Module, ValidationPipe } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { TypeOrmModule } from '@nestjs/typeorm'
import { Session, Task } from './entities.js'
import { NothingController, TasksController } from './tasks.controller.js'
import { TasksService } from './tasks.service.js'

/**
 * A Nest application as in https://docs.nestjs.com/first-steps, on Express, its default; TypeORM as in
 * https://docs.nestjs.com/techniques/database. Without row-level security: each query names its space.
 */
const { DATABASE_URL = '', PORT = '0', POOL_MAX = '20' } = process.env

@Module({
  imports: [
    TypeOrmModule.forRoot({
      type: 'postgres',
      url: DATABASE_URL,
      entities: [Task, Session],
      synchronize: false,
      poolSize: Number(POOL_MAX),
      // Otherwise pg closes connections that were idle for 10 seconds, as they are while another subject is measured.
      extra: { idleTimeoutMillis: 0 },
    }),
    TypeOrmModule.forFeature([Task, Session]),
  ],
  controllers: [TasksController, NothingController],
  providers: [TasksService],
})
class AppModule {}

const app = await NestFactory.create(AppModule, { logger: ['error', 'warn'] })
app.useGlobalPipes(new ValidationPipe({ transform: true, whitelist: true }))
await app.listen(Number(PORT), '127.0.0.1')
