import keras
from keras import layers


def build_CNN(input_shape, loss, n_conv_layers=2, n_filters=16, n_dense_layers=0, n_nodes=50,
              use_dropout=False, learning_rate=0.01, act_fun='sigmoid', optimizer='sgd', print_summary=False):
    """
    Builds the CNN.

    ----------
    input_shape: size of one image
    loss: loss function
    n_conv_layers: number of convolutional layers
    n_filters: number of filters in the convolutional layers
    n_dense_layers: number of dense layers
    n_nodes: number of nodes in the dense layers
    """
    # sigmoid and sgd trained very slowly for me, the instructions say relu and Adam
    model = keras.Sequential()
    model.add(keras.Input(shape=input_shape))

    for i in range(n_conv_layers):
        model.add(layers.Conv2D(n_filters, (3, 3), padding='same', activation='relu'))
        model.add(layers.BatchNormalization())
        model.add(layers.MaxPooling2D((2, 2)))

    model.add(layers.Flatten())

    for i in range(n_dense_layers):
        model.add(layers.Dense(n_nodes, activation='relu'))
        model.add(layers.BatchNormalization())
        if use_dropout:
            model.add(layers.Dropout(0.5))

    model.add(layers.Dense(10, activation='softmax'))

    model.compile(optimizer=keras.optimizers.Adam(learning_rate=learning_rate), loss=loss, metrics=['accuracy'])

    if print_summary:
        model.summary()

    return model
