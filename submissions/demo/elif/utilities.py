import tensorflow as tf
from tensorflow.keras import layers, models, optimizers


def build_CNN(input_shape, loss, n_conv_layers=2, n_filters=16, n_dense_layers=0, n_nodes=50,
              use_dropout=False, learning_rate=0.01, act_fun='relu', optimizer='adam', print_summary=False):
    model = models.Sequential()

    # first layer needs the input shape
    for i in range(n_conv_layers):
        if i == 0:
            model.add(layers.Conv2D(n_filters, (3, 3), padding='same', activation=act_fun, input_shape=input_shape))
        else:
            model.add(layers.Conv2D(n_filters * (2 ** i), (3, 3), padding='same', activation=act_fun))
        model.add(layers.BatchNormalization())
        model.add(layers.MaxPooling2D(pool_size=(2, 2)))

    model.add(layers.Flatten())

    for i in range(n_dense_layers):
        model.add(layers.Dense(n_nodes, activation=act_fun))
        model.add(layers.BatchNormalization())
        if use_dropout:
            model.add(layers.Dropout(0.5))

    model.add(layers.Dense(10, activation='softmax'))

    if optimizer == 'sgd':
        opt = optimizers.SGD(learning_rate=learning_rate)
    else:
        opt = optimizers.Adam(learning_rate=learning_rate)

    model.compile(loss=loss, optimizer=opt, metrics=['accuracy'])

    if print_summary:
        model.summary()

    return model
